const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/**
 * A date in local time by Python's `strftime` codes a A b B d e H I j m M p S y Y and %, with English names (Python's C
 * locale). Another code stays as it is written.
 */
export function formatDate(date: Date, format: string): string {
  const month = MONTHS[date.getMonth()] ?? '';
  const day = DAYS[date.getDay()] ?? '';
  const digits = (value: number, width: number): string => String(value).padStart(width, '0');
  const codes: Readonly<Record<string, () => string>> = {
    a: () => day.slice(0, 3),
    A: () => day,
    b: () => month.slice(0, 3),
    B: () => month,
    d: () => digits(date.getDate(), 2),
    e: () => String(date.getDate()).padStart(2, ' '),
    H: () => digits(date.getHours(), 2),
    I: () => digits(date.getHours() % 12 || 12, 2),
    j: () => digits(dayOfYear(date), 3),
    m: () => digits(date.getMonth() + 1, 2),
    M: () => digits(date.getMinutes(), 2),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    S: () => digits(date.getSeconds(), 2),
    y: () => digits(date.getFullYear() % 100, 2),
    Y: () => String(date.getFullYear()),
    '%': () => '%',
  };
  return format.replace(/%([aAbBdeHIjmMpSyY%])/g, (code, letter: string) => codes[letter]?.() ?? code);
}

/** 1 for the first of January. UTC, so that a change to summer time takes no day away. */
function dayOfYear(date: Date): number {
  const year = date.getFullYear();
  const day = Date.UTC(year, date.getMonth(), date.getDate());
  return Math.round((day - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
}
