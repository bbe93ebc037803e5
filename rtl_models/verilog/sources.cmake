# The SystemVerilog of the macro, top first.
set(FLEXCIM_VERILOG_SOURCES)
foreach(module flexcim_macro sequencer distributor sub_macro column psum_buffer merger pipeline_stage)
  list(APPEND FLEXCIM_VERILOG_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${module}.sv)
endforeach()
