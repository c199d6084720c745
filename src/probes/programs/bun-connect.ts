/** The part of `programs/node.ts` for Bun alone, which calls every connection that fails refused: it asks the C library for the reason. */
export const BUN_CONNECT = `const FOREIGN = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  __errno_location: { args: [], returns: "ptr" },
};

// AF_INET6 or AF_INET, the port, and the address where the family has it.
function socketAddress(c, address, port) {
  const six = address.includes(":");
  const bytes = Buffer.alloc(six ? 28 : 16);
  bytes.writeUInt16LE(six ? 10 : 2, 0);
  bytes.writeUInt16BE(port, 2);
  c.inet_pton(six ? 10 : 2, Buffer.from(address.split("%")[0] + "\\0"), bytes.subarray(six ? 8 : 4));
  return bytes;
}

// SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, once more to the same address: 0 where this one does not fail.
async function errnoOf(address, port, end) {
  const { dlopen, read } = require("bun:ffi");
  const c = dlopen(libcPath(), FOREIGN).symbols;
  const to = socketAddress(c, address, port);
  const fd = c.socket(to[0], 1 | 2048 | 524288, 0);
  const failed = c.connect(fd, to, to.length) < 0 ? read.i32(c.__errno_location()) : 0;
  const error = Buffer.alloc(4), size = Buffer.from([4, 0, 0, 0]);
  // EINPROGRESS; then SOL_SOCKET, SO_ERROR.
  let errno = failed === 115 ? 0 : failed;
  while (failed === 115 && !errno && now() < end) {
    await new Promise(resolve => setTimeout(resolve, 25));
    if (c.getsockopt(fd, 1, 4, error, size) === 0) errno = error.readInt32LE(0);
  }
  c.close(fd);
  return errno;
}

async function trueError(address, port, error, end) {
  if (RUNTIME !== "bun" || error !== "ECONNREFUSED") return error;
  const names = require("os").constants.errno;
  try {
    const errno = await errnoOf(address, port, end);
    return Object.keys(names).find(name => names[name] === errno) || "unknown";
  } catch (e) {
    return "unknown";
  }
}
`;
