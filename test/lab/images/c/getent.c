// `getent hosts NAME` and `getent ahosts NAME` by musl's getaddrinfo, as Alpine has them; nothing else of getent.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *text(const struct addrinfo *found, char *space) {
  const void *address = found->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)found->ai_addr)->sin_addr
                                                    : (void *)&((struct sockaddr_in6 *)found->ai_addr)->sin6_addr;
  return inet_ntop(found->ai_family, address, space, INET6_ADDRSTRLEN);
}

int main(int count, char **words) {
  if (count < 3 || (strcmp(words[1], "hosts") != 0 && strcmp(words[1], "ahosts") != 0)) {
    fputs("usage: getent hosts|ahosts NAME\n", stderr);
    return 1;
  }
  struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found;
  if (getaddrinfo(words[2], NULL, &wanted, &found) != 0) return 2;
  for (; found != NULL; found = found->ai_next) {
    char space[INET6_ADDRSTRLEN];
    if (strcmp(words[1], "ahosts") == 0) printf("%-15s STREAM %s\n", text(found, space), words[2]);
    else printf("%-17s %s\n", text(found, space), words[2]);
  }
  return 0;
}
