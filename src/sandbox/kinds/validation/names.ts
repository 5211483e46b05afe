/** The rules of names that the API shares between kinds (apimachinery, util/validation), each giving its texts. */
export type NameRule = (name: string) => string[];

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelText = `(${qualified})?`;

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(text);
}

/** `a lowercase … (e.g. 'x',  or 'y', regex used for validation is '…')`: the double space is the API's. */
function regexError(message: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example, at) => `${at ? " or " : ""}'${example}', `).join("");
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

function shape(text: string, pattern: string, longest: number, unit: string, error: string): string[] {
  return [
    ...(text.length > longest ? [`must be no more than ${longest} ${unit}`] : []),
    ...(matches(pattern, text) ? [] : [error]),
  ];
}

const labelError = regexError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  "my-name",
  "123-abc",
);
const subdomainError = regexError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain,
  "example.com",
);
const qualifiedError = regexError(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualified,
  "MyName",
  "my.name",
  "123-abc",
);
const labelValueError = regexError(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelText,
  "MyValue",
  "my_value",
  "12345",
);
const configKeyError = regexError(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  "[-._a-zA-Z0-9]+",
  "key.name",
  "KEY_NAME",
  "key-name",
);

export const dnsLabel: NameRule = (name) =>
  shape(name, label, 63, "characters", matches(subdomain, name) ? "must not contain dots" : labelError);

export const dnsSubdomain: NameRule = (name) => shape(name, subdomain, 253, "characters", subdomainError);

export const labelValue: NameRule = (value) => shape(value, labelText, 63, "bytes", labelValueError);

export const configKey: NameRule = (key) => {
  if (key === "." || key === "..") return [`must not be '${key}'`];
  if (key.startsWith("..")) return ["must not start with '..'"];
  return shape(key, "[-._a-zA-Z0-9]+", 253, "characters", configKeyError);
};

/** The names of labels, annotations, finalizers and taints: `name` or `example.com/name`. */
export const qualifiedName: NameRule = (name) => {
  const parts = name.split("/");
  if (parts.length > 2)
    return [
      `a valid label key ${qualifiedError} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const [own = "", prefix] = parts.reverse();
  return [
    ...(prefix === "" ? ["prefix part must be non-empty"] : []),
    ...(prefix ? dnsSubdomain(prefix).map((message) => `prefix part ${message}`) : []),
    ...(own === "" ? ["name part must be non-empty"] : []),
    ...shape(own, qualified, 63, "bytes", qualifiedError).map((message) => `name part ${message}`),
  ];
};

const underscoredLabel = `_?${label.replace("[-a-z0-9]", "[-_a-z0-9]")}`;
const underscored = `${underscoredLabel}(\\.${underscoredLabel})*`;
const underscoredError = regexError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  underscored,
  "example.com",
);

export const dnsSubdomainWithUnderscore: NameRule = (name) =>
  shape(name, underscored, 253, "characters", underscoredError);

/** The rule for a prefix that something is put behind: it may end in a dash. */
export const prefixOf =
  (rule: NameRule): NameRule =>
  (prefix) =>
    rule(prefix.length > 1 ? prefix.replace(/-$/, "a") : prefix);

const headerError = regexError(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  "[-A-Za-z0-9]+",
  "X-Header-Name",
);

export const headerName: NameRule = (name) => (matches("[-A-Za-z0-9]+", name) ? [] : [headerError]);

/** Names of ports: IANA service names. */
export const portName: NameRule = (name) => [
  ...(name.length > 15 ? ["must be no more than 15 characters"] : []),
  ...(/^[-a-z0-9]+$/.test(name)
    ? []
    : ["must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"]),
  ...(/[a-z]/.test(name) ? [] : ["must contain at least one letter (a-z)"]),
  ...(name.includes("--") ? ["must not contain consecutive hyphens"] : []),
  ...(/^-|-$/.test(name) ? ["must not begin or end with a hyphen"] : []),
];

export const envName: NameRule = (name) =>
  /^[ -<>-~]+$/.test(name)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

/** `50%`; the API gives no other form for text where a number or a percentage may stand. */
export const percentage: NameRule = (text) =>
  /^[0-9]+%$/.test(text)
    ? []
    : [
        regexError(
          "a valid percent string must be a numeric string followed by an ending '%'",
          "[0-9]+%",
          "1%",
          "93%",
        ),
      ];

/** Names of roles and bindings: anything that can be a part of a path. */
export const pathSegment: NameRule = (name) => {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
};
