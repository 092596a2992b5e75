// Days and moments: what is a real date, what day it is in the country, and which days are worked.
const DAY = 86_400_000;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const WEEK = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

export function isDate(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A date-time with any offset as UTC text with the fraction that it came with; undefined when no clock shows it. */
export function instant(text) {
  const [, day, hour, minute, second, fraction = "", offset] = MOMENT.exec(text) ?? [];
  if (day === undefined || !isDate(day) || hour > "23" || minute > "59" || second > "59") return undefined;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(offset) ?? [null, "+", "00", "00"];
  if (hours > "23" || minutes > "59") return undefined;
  const shift = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const moment = new Date(Date.parse(`${day}T${hour}:${minute}:${second}Z`) - shift);
  return moment.toISOString().slice(0, 19) + fraction + "Z";
}

/** A moment as the wire writes it. */
export const written = (milliseconds) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

export class Calendar {
  constructor(profile) {
    this.zone = profile.timeZone.value;
    this.weekend = new Set(profile.holidays.value.weekend);
    this.holidays = new Set(profile.holidays.value.dates.map((one) => one.date));
  }

  /** The day in the country at a moment. */
  day(milliseconds) {
    const parts = { timeZone: this.zone, year: "numeric", month: "2-digit", day: "2-digit" };
    return new Intl.DateTimeFormat("en-CA", parts).format(milliseconds);
  }

  isWorked(day) {
    return !this.weekend.has(WEEK[new Date(`${day}T00:00:00Z`).getUTCDay()]) && !this.holidays.has(day);
  }

  /** The last second of the day that lies so many working days after the day of a moment. */
  due(milliseconds, workingDays) {
    let day = this.day(milliseconds);
    for (let left = workingDays; left > 0; ) {
      day = new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
      if (this.isWorked(day)) left -= 1;
    }
    return this.startOf(day) + DAY - 1000;
  }

  /** The moment at which a day begins in the country. */
  startOf(day) {
    const noon = Date.parse(`${day}T12:00:00Z`);
    const local = new Date(noon).toLocaleString("sv-SE", { timeZone: this.zone });
    return Date.parse(`${day}T00:00:00Z`) - (Date.parse(`${local.replace(" ", "T")}Z`) - noon);
  }
}

/** The full years between two days. */
export function age(birth, day) {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}
