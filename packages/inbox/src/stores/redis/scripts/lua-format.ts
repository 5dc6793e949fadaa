/**
 * Makes a format for Lua's `string.format` from a text that was made of placeholders: numbers become `%d` and texts `%s`, in the order of their places.
 */
export function luaFormat(text: string, placeholders: readonly (number | string)[]): string {
  const format = placeholders.reduce<string>(
    (made, one) => made.replace(String(one), typeof one === "number" ? "%d" : "%s"),
    text,
  );
  return `[==[${format}]==]`;
}
