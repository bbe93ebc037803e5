# A run that exceeds a limit: exit code 3, a message that says who waits for what, nothing written.
file(REMOVE_RECURSE ${WORK})
execute_process(
  COMMAND ${FLEXCIM} run ${SCENARIO} --set workload.flow.objective=published --set limits.simulated_ms=0.02
    --out ${WORK}/results
  OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE result)
if(NOT result EQUAL 3 OR NOT output STREQUAL "" OR EXISTS ${WORK})
  message(FATAL_ERROR "exit code ${result}, output \"${output}\", error \"${error}\"")
endif()
if(NOT error MATCHES "limits.simulated_ms: 0.02 ms are over: soc.host waits for its external interrupt; soc.accelerator works on the command at 0x")
  message(FATAL_ERROR "${error}")
endif()
