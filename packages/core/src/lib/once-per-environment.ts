/**
 * Creates one value per environment and keeps it as long as the environment object exists.
 *
 * A receiver must live longer than one request, because it tracks the deliveries in flight. Platforms pass the same environment
 * object to all requests in a process or an isolate.
 *
 * @param make - creates the value; called with the first input of each environment
 * @param environmentOf - returns the environment object of an input
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
