/** Waits in real time. The suites test real servers and real databases, which have clocks of their own. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
