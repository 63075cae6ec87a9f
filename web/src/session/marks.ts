/** What the browser's storage knows of a session: that there may be one, and that its end is owed to the server. To `session.ts`. */
const HINT_KEY = 'dragoman.account';
const OWED_KEY = 'dragoman.signOut';

interface Place {
  isSet: () => boolean;
  set: () => void;
  remove: () => void;
}

/** One word in the storage, there or not; kept in memory where the storage refuses. */
export class Mark {
  constructor(
    private readonly place: Place,
    /** Where the storage refuses, and until this page says otherwise. */
    private here: boolean,
  ) {}

  get isSet(): boolean {
    try {
      return this.place.isSet();
    } catch {
      return this.here;
    }
  }

  put(isSet: boolean): void {
    this.here = isSet;
    try {
      if (isSet) this.place.set();
      else this.place.remove();
    } catch {
      // A private window may refuse: then it holds as long as this page is open.
    }
  }
}

/** Somebody may be signed in here. Where nothing is stored, the server is asked. */
export function hintIn(storage: Storage): Mark {
  const place = {
    isSet: () => storage.getItem(HINT_KEY) !== null,
    set: () => storage.setItem(HINT_KEY, 'maybe'),
    remove: () => storage.removeItem(HINT_KEY),
  };
  return new Mark(place, true);
}

/** Somebody signed out here, and the server has not answered yet. */
export function owedIn(storage: Storage): Mark {
  const place = {
    isSet: () => storage.getItem(OWED_KEY) !== null,
    set: () => storage.setItem(OWED_KEY, 'owed'),
    remove: () => storage.removeItem(OWED_KEY),
  };
  return new Mark(place, false);
}
