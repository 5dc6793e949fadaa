import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { folderUnusable } from "../command-line/popp-folder.ts";
import type { Answer } from "../http/send-bytes.ts";
import { encodedBody, type RecordedRequest, type RecordedResponse } from "./recording.ts";

/** How many recordings are kept: the latest. */
const KEPT_RECORDINGS = 1_000;

/** A request as it arrived. */
export type ReceivedRequest = Omit<RecordedRequest, "sha256"> & { readonly body: Uint8Array };

/** Writes requests and their answers, a folder for each. */
export class Recorder {
  readonly #folder: string;
  readonly #keep: number;
  /** The recordings, the oldest first. */
  readonly #ids: string[];
  #changes = 0;

  private constructor(folder: string, keep: number, ids: string[]) {
    this.#folder = folder;
    this.#keep = keep;
    this.#ids = ids;
  }

  /** Goes on with the recordings of a folder. */
  static async open(folder: string, keep: number = KEPT_RECORDINGS): Promise<Recorder> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw folderUnusable(folder, cause);
    });
    return new Recorder(folder, keep, await recordingIds(folder));
  }

  /** Differs once something was recorded. */
  get version(): string {
    return `${this.#changes}`;
  }

  /** Writes a request, and returns the recording's id. */
  async request({ body, ...request }: ReceivedRequest): Promise<string> {
    const id = `${request.receivedAt.replace(/[:.]/g, "-")}-${randomBytes(2).toString("hex")}`;
    // A folder appears whole: written aside, then renamed.
    const aside = join(this.#folder, `.${id}`);
    // With its parents, which somebody may have removed meanwhile.
    await mkdir(aside, { recursive: true, mode: 0o700 });
    const sha256 = createHash("sha256").update(body).digest("hex");
    await writeFile(join(aside, "body.bin"), body, { mode: 0o600 });
    await writeFile(join(aside, "request.json"), jsonText({ ...request, sha256 }), { mode: 0o600 });
    await rename(aside, join(this.#folder, id));
    this.#ids.push(id);
    this.#changes++;
    while (this.#ids.length > this.#keep)
      await rm(join(this.#folder, this.#ids.shift() ?? ""), { recursive: true, force: true });
    return id;
  }

  /** Writes the answer of a request. */
  async response(id: string, from: string, { status, headers, body, durationMs }: Answer): Promise<void> {
    const response: RecordedResponse = { from, status, ms: Math.round(durationMs), headers, ...encodedBody(body) };
    const file = join(this.#folder, id, "response.json");
    // The recording may be gone: 1,000 newer ones came while this answer was awaited. A reader never sees half a file.
    await writeFile(`${file}.part`, jsonText(response), { mode: 0o600 })
      .then(() => rename(`${file}.part`, file))
      .catch(ignoreMissing);
    this.#changes++;
  }
}

/** The ids of a folder's recordings, the oldest first. */
export async function recordingIds(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw folderUnusable(folder, error);
  });
  return (names ?? []).filter((name) => /^\d{4}-\d\d-\d\dT[\w-]+$/.test(name)).sort();
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

const jsonText = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
