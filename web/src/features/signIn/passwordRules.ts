/** What a new password has to be, checked while it is written; the server checks again, and more. */
export const LEAST_CHARACTERS = 10;

export interface Rules {
  long: boolean;
  /** It is not the name or the address of whoever it protects. */
  own: boolean;
}

export function rulesKept(password: string, { email, name }: { email: string; name: string }): Rules {
  const known = [email, email.split('@')[0] ?? '', name].map((text) => text.trim().toLocaleLowerCase()).filter((text) => text.length > 2);
  const written = password.toLocaleLowerCase();
  return { long: Array.from(password).length >= LEAST_CHARACTERS, own: password !== '' && !known.some((text) => written === text) };
}
