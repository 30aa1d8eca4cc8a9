/** Numbers, times and spans as the officer reads them. Times are those of the browser's time zone. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, kind: 'time' | 'dateTime'): Intl.DateTimeFormat {
  const key = locale + kind;
  let made = formats.get(key);
  if (!made) {
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
    const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    made = new Intl.DateTimeFormat(locale, kind === 'time' ? time : { ...date, ...time });
    formats.set(key, made);
  }
  return made;
}

/** 14:03:59 */
export function clockTime(locale: string, at: string | number): string {
  return format(locale, 'time').format(new Date(at));
}

/** With the date. */
export function dateTime(locale: string, at: string | number): string {
  return format(locale, 'dateTime').format(new Date(at));
}

/** 0:07, 12:34, 1:02:03, 2 d 04:05; never negative, because clocks differ a little. */
export function span(ms: number, dayWord: string): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) {
    return `${days} ${dayWord} ${two(hours)}:${two(minutes)}`;
  }
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** At most four significant digits: a sensor has no more. */
export function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** 44.1 MB */
export function megabytes(bytes: number): string {
  return `${number(bytes / 1e6)} MB`;
}

const UNITS: Record<string, string> = { Cel: '°C', '%RH': '% RH', 'Cel/min': '°C/min', '1': '', '/': '' };

/** SenML units are written as people write them. */
export function unitText(unit: string): string {
  return UNITS[unit] ?? unit;
}

export function quantity(value: number, unit: string): string {
  const text = unitText(unit);
  return text ? `${number(value)} ${text}` : number(value);
}
