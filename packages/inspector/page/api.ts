/** Asks the page's own address: whatever path the page is mounted at. */
function addressOf(api: string, params: Readonly<Record<string, string>> = {}): string {
  return `${location.pathname}?${new URLSearchParams({ api, ...params })}`;
}

async function read<T>(response: Response): Promise<T> {
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const value = isJson ? await response.json() : {};
  if (!response.ok) throw new Error(value.error ?? `The server answered ${response.status}.`);
  return value;
}

export async function get<T>(api: string, params?: Readonly<Record<string, string>>): Promise<T> {
  return read<T>(await fetch(addressOf(api, params)));
}

export async function act<T>(api: string, input: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  return read<T>(await fetch(addressOf(api), { method: "POST", headers, body: JSON.stringify(input) }));
}

export function streamOf(last: string): EventSource {
  return new EventSource(addressOf("live", last ? { last } : {}));
}
