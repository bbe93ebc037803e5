# The page of flexcim report, in the program itself: page.html with style and scripts of platform/report/page/, and Vega
# (https://vega.github.io), which draws the plots, from Debian's package libjs-vega.
set(FLEXCIM_VEGA_DIR /usr/share/javascript/vega CACHE PATH "Where libjs-vega has put its modules")
set(FLEXCIM_VEGA_LICENCE /usr/share/doc/libjs-vega/copyright CACHE FILEPATH "Vega's licences, which go into the page")

# Each is loaded behind those that it requires.
set(vega_modules util canvas time format loader dataflow statistics scale scenegraph expression event-selector selection
  functions runtime view parser encode transforms view-transforms)

# flexcim_page(target SCRIPTS ...): the page as symbols flexcim_page_NAME and flexcim_page_NAME_end of `target`.
function(flexcim_page target)
  cmake_parse_arguments(ARG "" "" "SCRIPTS" ${ARGN})
  set(folder ${PROJECT_SOURCE_DIR}/platform/report/page)
  list(TRANSFORM ARG_SCRIPTS PREPEND ${folder}/)
  list(TRANSFORM vega_modules PREPEND ${FLEXCIM_VEGA_DIR}/vega- OUTPUT_VARIABLE library)
  list(TRANSFORM library APPEND .min.js)
  foreach(file ${library} ${FLEXCIM_VEGA_LICENCE})
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "${file}: not found. The plots of flexcim report need Debian's package libjs-vega: scripts/install build")
    endif()
  endforeach()

  set(text ".section .rodata\n")
  macro(begin name)
    string(APPEND text ".globl flexcim_page_${name}\nflexcim_page_${name}:\n")
  endmacro()
  macro(end name)
    string(APPEND text ".globl flexcim_page_${name}_end\nflexcim_page_${name}_end:\n.byte 0\n")
  endmacro()
  foreach(each html:page.html style:page.css)
    string(REPLACE ":" ";" each ${each})
    list(GET each 0 name)
    list(GET each 1 file)
    begin(${name})
    string(APPEND text ".incbin \"${folder}/${file}\"\n")
    end(${name})
    list(APPEND files ${folder}/${file})
  endforeach()
  begin(licence)
  string(APPEND text ".incbin \"${FLEXCIM_VEGA_LICENCE}\"\n")
  end(licence)
  # A module is a function of its exports and of require().
  begin(library)
  foreach(module file IN ZIP_LISTS vega_modules library)
    string(APPEND text ".ascii \"vegaModule('vega-${module}', function (exports, require, module, define) {\\n\"\n"
      ".incbin \"${file}\"\n.ascii \"\\n})\\n\"\n")
  endforeach()
  end(library)
  begin(script)
  foreach(file ${ARG_SCRIPTS})
    string(APPEND text ".incbin \"${file}\"\n")
  endforeach()
  end(script)
  string(APPEND text ".section .note.GNU-stack, \"\", %progbits\n")

  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/report_page_files.S)
  file(CONFIGURE OUTPUT ${assembly} CONTENT "${text}" @ONLY)
  set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS
    "${files};${ARG_SCRIPTS};${library};${FLEXCIM_VEGA_LICENCE}")
  target_sources(${target} PRIVATE ${assembly})
endfunction()
