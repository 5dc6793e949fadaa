/**
 * Signs and sends Popp webhook deliveries in your tests.
 *
 * @packageDocumentation
 */

export { type ChaosError, type ChaosResult, type RunChaosOptions, runChaos } from "./chaos/run-chaos.ts";
export type { ChaosAnswer, ChaosContext, ChaosEndpoint, ChaosScenario, ScenarioName } from "./chaos/scenario.ts";
export { scenarios } from "./chaos/scenarios.ts";
export { eventNames, type FixtureOverrides, fixture } from "./fixtures/fixture.ts";
export { type SignPayloadOptions, signPayload } from "./sign/sign-payload.ts";
export { type SignedRequestOptions, signedRequest } from "./sign/signed-request.ts";
