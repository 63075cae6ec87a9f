/** Who wants to be told of a change. Used by everything here that the page watches. */
export class Listeners {
  private readonly listeners = new Set<() => void>();

  /** Gives the function that takes `listener` away again. */
  add(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
