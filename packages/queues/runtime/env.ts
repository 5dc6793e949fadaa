declare global {
  namespace Cloudflare {
    /** What the Worker under test is bound to. */
    interface Env {
      readonly DB: D1Database;
      readonly QUEUE: Queue;
      readonly IMPATIENT: Queue;
    }
  }
}

export {};
