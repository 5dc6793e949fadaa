import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk of its own, in a file that is mounted: it can be full, and it can be looked at as a power cut would leave it. */
export interface Disk {
  /** Where it is mounted. */
  readonly folder: string;
  /** Mounts what has reached the disk so far, without what the system still holds in memory, looks at it, and takes it away again. */
  asAfterPowerCut<T>(look: (folder: string) => T): T;
  /** Takes it away. */
  remove(): void;
}

/** Why there can be no such disk here; undefined when there can. */
export const noDisk: string | undefined = reasonAgainst();

/** Makes a disk of so many megabytes. */
export function diskOf(megabytes: number): Disk {
  const room = mkdtempSync(join(tmpdir(), "popp-disk-"));
  const image = join(room, "disk.img");
  execFileSync("truncate", ["-s", `${megabytes}M`, image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  const folder = mounted(image, join(room, "disk"));
  return {
    folder,
    asAfterPowerCut: (look) => {
      const copy = join(room, "copy.img");
      execFileSync("cp", ["--sparse=always", image, copy]);
      const left = mounted(copy, join(room, "left"));
      try {
        return look(left);
      } finally {
        execFileSync("umount", [left]);
        rmSync(copy);
      }
    },
    remove: () => {
      execFileSync("umount", ["--lazy", folder]);
      rmSync(room, { recursive: true });
    },
  };
}

/** The system writes nothing of its own accord meanwhile: what is on the disk is there because somebody waited for it. */
function mounted(image: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-o", "loop,commit=300", image, folder]);
  return folder;
}

function reasonAgainst(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "mounting a disk takes root on Linux";
  try {
    diskOf(8).remove();
    return undefined;
  } catch {
    return "no loop device can be mounted here";
  }
}
