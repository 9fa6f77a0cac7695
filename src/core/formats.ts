// Formats by name: what a text usually means by being one, as patterns that every engine for
// regular expressions reads alike. They say what can be right, not what is: that an address exists
// only its owner knows.

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";

/** The pattern of every known format. */
export const FORMATS: ReadonlyMap<string, string> = new Map([
  ["email", '^[^\\s@"(),:;<>]+@[^\\s@.]+(?:\\.[^\\s@.]+)+$'],
  ["url", "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#]+(?:[/?#]\\S*)?$"],
  ["phone", "^\\+?\\(?[0-9](?:[ ().-]{0,2}[0-9]){4,17}$"],
  ["uuid", "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"],
  ["hostname", `^${LABEL}(?:\\.${LABEL})*$`],
  ["ipv4", `^(?:${OCTET}\\.){3}${OCTET}$`],
  ["digits", "^[0-9]+$"],
]);
