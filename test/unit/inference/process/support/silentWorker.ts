// A program that runs and serves nobody.
setInterval(() => undefined, 1000);
