/** SQLITE_BUSY and SQLITE_LOCKED, as node:sqlite, Bun and better-sqlite3 say it. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "string" && /^SQLITE_(BUSY|LOCKED)/.test(code)) return true;
  const numbers: readonly unknown[] = [Reflect.get(error, "errcode"), Reflect.get(error, "errno")];
  return numbers.some((number) => typeof number === "number" && [5, 6].includes(number & 0xff));
}
