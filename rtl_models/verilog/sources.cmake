# The SystemVerilog of the macro, top first, as seen from the folder that includes this: Verilator takes an absolute path apart
# at its first blank.
set(FLEXCIM_VERILOG_SOURCES)
foreach(module flexcim_macro sequencer distributor sub_macro column psum_buffer merger pipeline_stage)
  file(RELATIVE_PATH source ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_LIST_DIR}/${module}.sv)
  list(APPEND FLEXCIM_VERILOG_SOURCES ${source})
endforeach()
