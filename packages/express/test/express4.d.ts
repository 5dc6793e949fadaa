/** Express 4 under its alias, as far as the tests use it: like 5. */
declare module "express4" {
  import express from "express";
  export default express;
}
