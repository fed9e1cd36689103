# Read by ctest after the list of tests: those of long_tests.txt ("SECONDS NAME", longest first) begin first, so that
# none is left alone on one core at the end. ctest itself does not remember times of names with spaces.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/long_tests.txt rows)
foreach(row IN LISTS rows)
  string(REGEX MATCH "^([0-9]+) (.+)$" row "${row}")
  set_tests_properties(${CMAKE_MATCH_2} PROPERTIES COST ${CMAKE_MATCH_1})
endforeach()
# Each compressed frame is decoded by a fork, which takes the longer the more freed memory ASan keeps; 32 MiB are that of
# dozens of these small files.
set_tests_properties("a DICOM file with any byte changed is read or refused" PROPERTIES ENVIRONMENT ASAN_OPTIONS=quarantine_size_mb=32)
