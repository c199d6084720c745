/** The images of the matrix, and what each can be expected to tell. */

export interface Image {
  readonly name: string;
  /** What the report must call the program that ran; nothing where none can. */
  readonly rung?: string;
  /** Images made of whole systems have no waiting program of their own. */
  readonly command?: readonly string[];
  /** The lab's authority is not among those that it trusts, or it has nowhere to look. */
  readonly trustsNobody?: boolean;
  readonly isMusl?: boolean;
}

const command = ['sleep', 'infinity'];

export const images: readonly Image[] = [
  { name: 'python', rung: 'python3', command },
  { name: 'glibc', rung: 'perl', command },
  { name: 'busybox', rung: 'busybox', command },
  { name: 'musl', rung: 'busybox+getent', isMusl: true },
  { name: 'node', rung: 'node', trustsNobody: true },
  { name: 'node-slim', rung: 'node', trustsNobody: true },
  { name: 'perl', rung: 'perl' },
  { name: 'ruby', rung: 'ruby' },
  { name: 'php', rung: 'php' },
  { name: 'java', rung: 'java' },
  { name: 'bash', rung: 'bash' },
  { name: 'curl', rung: 'sh+curl' },
  { name: 'distroless' },
];
