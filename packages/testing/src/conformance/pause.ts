/** Waits in real time: the servers and databases under test have their own clocks. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
