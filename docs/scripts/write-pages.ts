/** Writes the pages that are generated: they are not committed. */
import "./write-changelog-page.ts";
import "./write-event-pages.ts";
