// Mocha's spec reporter, which also names each test that failed at its first attempt, and why: a test that passes at its
// second is no silent success. Tests in a browser or an editor have a second attempt, since those are late at times for
// reasons outside of this project.
const { reporters, Runner } = require('mocha');

module.exports = class TellingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      reporters.Base.consoleLog(`    ! first attempt of "${test.fullTitle()}" failed: ${error.message}`);
    });
  }
};
