/** The grammar of container image references: the gate that `--ephemeral-image` passes; asked by `settings.ts`. */

/** distribution/reference, regexp.go and normalize.go: domain[:port]/path[:tag][@digest], of which only the path is lower case. */
const DOMAIN =
  '(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\\d{1,5})?';
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
/** What an image's whole name may measure (distribution/reference, RepositoryNameTotalLengthMax), tag and digest besides. */
const MAX = 255 + 128 + 72;

export function isImageReference(text: string): boolean {
  return text.length <= MAX && REFERENCE.test(text);
}
