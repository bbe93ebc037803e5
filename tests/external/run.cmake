# Installs BUILD into a prefix of its own under WORK, with a blank in its name, runs the installed program on installed data,
# then configures, builds and runs the project beside this file against the prefix, and the installed firmware template, copied
# elsewhere, on the installed program. Every step must succeed.
file(REMOVE_RECURSE ${WORK})
set(prefix "${WORK}/my prefix")
function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${text}")
  endif()
  if(text MATCHES "(^|\n)(Warning|Error): ")  # of SystemC
    message(FATAL_ERROR "${ARGV}\n${text}")
  endif()
  set(text ${text} PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})

# A name that only the installed scenarios know.
file(COPY_FILE ${prefix}/share/flexcim/scenarios/architectures/flexcim_published.yaml
  ${prefix}/share/flexcim/scenarios/architectures/only_installed.yaml)
set(models ${prefix}/share/flexcim/scenarios/models/tiny-llama)
file(WRITE ${WORK}/elsewhere/scenario.yaml "name: installed
fidelity: tlm
architecture: only_installed
workload:
  kind: block
  model: ${models}
  tokens: {text: ${models}/evaluation.txt, count: 1}
  flow: {calibration: ${models}/calibration.txt, objective: published, update: none}
")
run(${prefix}/bin/flexcim check ${WORK}/elsewhere/scenario.yaml)

# A name that only the project knows.
file(REMOVE ${prefix}/share/flexcim/scenarios/architectures/flexcim_window2.yaml)
execute_process(COMMAND ${prefix}/bin/flexcim check ${WORK}/elsewhere/scenario.yaml --set architecture=flexcim_window2
  ERROR_VARIABLE error RESULT_VARIABLE result)
if(NOT result EQUAL 2 OR NOT error MATCHES "there is no architecture \"flexcim_window2\"")
  message(FATAL_ERROR "the installed program looks into the project: ${error}")
endif()

# An installed scenario: results in the working directory, nothing beside the scenario.
file(GLOB_RECURSE installed LIST_DIRECTORIES true ${prefix}/*)
execute_process(COMMAND ${prefix}/bin/flexcim run ${prefix}/share/flexcim/scenarios/quickstart.yaml
  --set workload.tokens.count=1 --set also=[] --set workload.flow.objective=published --set workload.flow.update=none
  WORKING_DIRECTORY ${WORK}/elsewhere OUTPUT_VARIABLE text ERROR_VARIABLE text
  RESULT_VARIABLE result)
file(GLOB_RECURSE now LIST_DIRECTORIES true ${prefix}/*)
if(NOT result EQUAL 0 OR NOT EXISTS ${WORK}/elsewhere/out/quickstart/summary.json OR NOT now STREQUAL installed)
  message(FATAL_ERROR "an installed scenario: exit code ${result}\n${text}")
endif()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/external_soc)
message("${text}")

set(firmware "${WORK}/my firmware")
file(COPY ${prefix}/share/flexcim/firmware/template/ DESTINATION ${firmware})
run(${CMAKE_COMMAND} -S ${firmware} -B ${firmware}/build -G ${GENERATOR}
  -DCMAKE_TOOLCHAIN_FILE=${prefix}/share/flexcim/firmware/cmake/riscv32.cmake)
run(${CMAKE_COMMAND} --build ${firmware}/build)
run(${prefix}/bin/flexcim run ${firmware}/scenario.yaml --out ${WORK}/results)
if(NOT text MATCHES "^Hello from my firmware\n")
  message(FATAL_ERROR "the firmware template says ${text}")
endif()
run(${prefix}/bin/flexcim run ${prefix}/share/flexcim/scenarios/quickstart.yaml --set workload.tokens.count=1 --set also=[]
  --set workload.linears=[q_proj] --set "host={kind: riscv, elf: ${firmware}/build/firmware.elf}" --out ${WORK}/results)
if(NOT text MATCHES "^Hello from my firmware\nmodel.layers.2.self_attn.q_proj: 0 wrong outputs\n")
  message(FATAL_ERROR "the firmware template on a layer says ${text}")
endif()
file(REMOVE_RECURSE ${WORK})
