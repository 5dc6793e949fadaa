/** A user without rights on other users' files, for tests that run as root. */
export const OTHER_USER: number | undefined = process.getuid?.() === 0 ? 65_534 : undefined;
