/** Moments and lengths as the reader writes them. Plain functions for every page with a date on it. */

/** A day and a time of day, in the reader's own time zone: `Mon, 23 Nov, 09:30`. */
export function momentIn(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
    new Date(iso),
  );
}

/** A day: `23 Nov 2026`. */
export function dayIn(iso: string, locale: string): string {
  // A day without a time is read as the beginning of it in UTC, which is the day before west of Greenwich.
  const zone = iso.includes('T') ? {} : { timeZone: 'UTC' };
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...zone }).format(new Date(iso));
}

/** A day and a time long ago or far away, with the year. */
export function dayAndTimeIn(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** `45 min`, `1 hr`, as the reader writes units. */
export function lengthIn(minutes: number, locale: string): string {
  const unit = (value: number, name: 'hour' | 'minute') => new Intl.NumberFormat(locale, { style: 'unit', unit: name }).format(value);
  const parts = [
    ...(minutes >= 60 ? [unit(Math.floor(minutes / 60), 'hour')] : []),
    ...(minutes % 60 > 0 || minutes === 0 ? [unit(minutes % 60, 'minute')] : []),
  ];
  return new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }).format(parts);
}

/** The clock on the wall in a time zone now, `2026-11-23` and `09:30`. */
export function wallClock(now: Date, timeZone: string): { day: string; time: string } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return { day: `${of('year')}-${of('month')}-${of('day')}`, time: `${of('hour')}:${of('minute')}` };
}

/** The next full hour that is at least half an hour away. */
export function nextHour(now: Date): Date {
  const hour = 3_600_000;
  return new Date(Math.ceil((now.getTime() + hour / 2) / hour) * hour);
}
