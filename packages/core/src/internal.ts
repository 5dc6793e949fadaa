/**
 * For the packages of this repository only: the rules that they share with core. It may change in any release.
 *
 * @packageDocumentation
 */
export { handlersByName } from "./deliver/handlers.ts";
export { checkOptions, type OptionRule } from "./lib/check-options.ts";
export { isPromiseLike } from "./lib/maybe-promise.ts";
export { oncePerEnvironment } from "./lib/once-per-environment.ts";
export { quietly } from "./lib/quietly.ts";
export { type OperatorLine, tellOperator } from "./lib/tell-operator.ts";
export { withTimeout } from "./lib/with-timeout.ts";
export { headerValue } from "./read/delivery.ts";
