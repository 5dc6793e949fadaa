/** Next calls this once when the server starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { inbox } = await import("./inbox");
    inbox.start();
  }
}
