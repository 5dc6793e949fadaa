/**
 * Makes something once for each environment, and keeps it for as long as the environment lives.
 *
 * A receiver must outlive its request: it remembers what is in flight. A platform's environment object is the same for
 * all requests that share a process or an isolate.
 *
 * @param make - called with the first request's input of each environment
 * @param environmentOf - finds the object that stands for the environment
 */
export function oncePerEnvironment<Input, Made extends object>(
  make: (input: Input) => Made,
  environmentOf: (input: Input) => object,
): (input: Input) => Made {
  const made = new WeakMap<object, Made>();
  return (input) => {
    const environment = environmentOf(input);
    const known = made.get(environment);
    if (known !== undefined) return known;
    const fresh = make(input);
    made.set(environment, fresh);
    return fresh;
  };
}
