import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk in a mounted file. It can be filled, and inspected as it would be after a power cut. */
export interface Disk {
  /** The mount point. */
  readonly folder: string;
  /** Mounts a copy of what has reached the disk so far, without the system's write cache, passes it to a function, and unmounts it. */
  asAfterPowerCut<T>(look: (folder: string) => T): T;
  /** Unmounts and deletes the disk. */
  remove(): void;
}

/** Why such a disk cannot be created here; undefined when it can. */
export const noDisk: string | undefined = reasonAgainst();

/** Creates a disk of the given size in megabytes. */
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

/** Stops the system's own writes meanwhile: only what a process has synced is on the disk. */
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
