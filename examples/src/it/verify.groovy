// What each program must have printed.
def expected = [
    '01-search-folder': ~/(?m)^BoundingBox.*: person_03$/,
    '02-verify': ~/(?m)^same: distance 0\.\d{3}, threshold \d\.\d{3}$/,
    '03-own-vectors': ~/(?m)^(\d+\.\d{3} face-\d+\R){5}/,
    '04-save-and-load': ~/person_03\/photo_\d\.jpg#0/,
    '05-own-pipeline': ~/(?m)^BoundingBox.* 0\.\d+$/,
    '06-store': ~/(?m)^10 matches of \S+\R3[23] people; 4 faces forgotten\R4 photos of yours are left$/,
    '07-own-model': ~/mobilenet-v2/,
    '08-fine-tune': ~/(?m)^5 steps in \d+ s$/,
    '09-plug-in': ~/(?ms)Tests run: \d{2,}, Failures: 0, Errors: 0, Skipped: 0$.*^\d+ faces, \d+ people\R(\d\.\d{3} \S+\R){3}/,
    '10-spring-boot': ~/(?s)"person":"person_03".*422 .*"status":"UP".*"name":"faces.identify".*stopped with 128 faces/,
    '11-spark': ~/(?ms)Tests run: \d{1,}, Failures: 0, Errors: 0, Skipped: 0$.*^128 faces\R^BoundingBox.*: person_03$/,
    'bom': ~/BUILD SUCCESS/,
]
// The script is not told which project it is run for: it is that whose log is the newest.
File log = basedir.parentFile.parentFile.listFiles()
    .collect { new File(it, 'build.log') }
    .findAll { it.isFile() }
    .max { it.lastModified() }
String project = log.parentFile.name
assert expected.containsKey(project) : "say here what ${project} prints"
if (!(log.getText('UTF-8') =~ expected[project])) {
  throw new IllegalStateException("${project} did not print ${expected[project]}, see ${log}")
}
