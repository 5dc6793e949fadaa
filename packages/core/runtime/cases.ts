import type { Case } from "./case.ts";
import { bodies } from "./cases/bodies.ts";
import { events } from "./cases/events.ts";
import { knownAnswers } from "./cases/known-answers.ts";
import { receiver } from "./cases/receiver.ts";
import { secrets } from "./cases/secrets.ts";
import { signatures } from "./cases/signatures.ts";

/** What core promises on every runtime: data, for a runner of a few lines on each. */
export const cases: readonly Case[] = [...knownAnswers, ...signatures, ...secrets, ...bodies, ...events, ...receiver];
