/** Reads stored headers. What is not a JSON object, such as a text that was written by hand, has none. */
export function parseHeaders(text: string | null): Readonly<Record<string, string>> {
  if (text === null) return {};
  try {
    const headers: unknown = JSON.parse(text);
    return Object.fromEntries(
      Object.entries(Object(headers)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}
