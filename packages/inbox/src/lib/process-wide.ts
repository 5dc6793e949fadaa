/** A map that all copies of this package in the process share: bundlers and reloads load it more than once. */
export function processWide<Value>(name: string): Map<string, Value> {
  const key = Symbol.for(`@popp-webhooks/inbox ${name}`);
  const shared: unknown = Reflect.get(globalThis, key);
  if (shared instanceof Map) return shared;
  const created = new Map<string, Value>();
  Reflect.set(globalThis, key, created);
  return created;
}
