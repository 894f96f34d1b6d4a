# Installs into an empty prefix and builds consumers against it, each with flags of its own: the interface must not
# depend on them. The program's rates are what the test looks for.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(build_consumer name flags program expected)
  run(${CMAKE_COMMAND} -G Ninja -S ${CONSUMER_DIR} -B ${WORK_DIR}/${name} -D CMAKE_BUILD_TYPE=Release
    -D CMAKE_PREFIX_PATH=${WORK_DIR}/prefix -D CMAKE_CXX_COMPILER=${CXX_COMPILER} "-DCMAKE_CXX_FLAGS=${CXX_FLAGS} ${flags}")
  run(${CMAKE_COMMAND} --build ${WORK_DIR}/${name} --target ${program})
  # The rate alone is not enough: what ends badly after it is printed must fail, too.
  execute_process(COMMAND ${WORK_DIR}/${name}/${program} ${MODEL} OUTPUT_VARIABLE printed RESULT_VARIABLE status)
  if(NOT status EQUAL 0 OR NOT printed MATCHES "${expected}")
    message(FATAL_ERROR "${name}: ${program} ended with ${status} and printed\n${printed}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK_DIR}/prefix ${WORK_DIR}/plain ${WORK_DIR}/native ${WORK_DIR}/checked)
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)

# The umbrella header holds every header but those of petsc.
file(GLOB headers RELATIVE ${WORK_DIR}/prefix/include ${WORK_DIR}/prefix/include/nuphi/*/*.h)
file(READ ${WORK_DIR}/prefix/include/nuphi/nuphi.h umbrella)
foreach(header IN LISTS headers)
  if(NOT header MATCHES "/petsc/" AND NOT umbrella MATCHES "<${header}>")
    message(FATAL_ERROR "<nuphi/nuphi.h> does not include <${header}>")
  endif()
endforeach()

build_consumer(plain "" core_consumer "Hz")
build_consumer(checked "-O0 -D_GLIBCXX_ASSERTIONS" consumer 37.9496970857)
# Eigen aligns to 32 or 64 bytes with AVX unless the interface says otherwise.
build_consumer(native "-march=native" consumer 37.9496970857)
