/** The time, as an argument: a replay answers with the capture's time. */
export interface Clock {
  now(): Date;
}
