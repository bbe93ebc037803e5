// One column of a sub-macro: R cells, their product registers and the pipelined adder tree behind them
// (architecture.md §2, §6). Registers load only where `load` says so, so that an unselected column does not switch.
// SHADOW: a cell has two words, `bank` multiplies and the other one is written over the weight-write bus.
module column #(
    parameter int R = 32,  // a power of two
    parameter int WINDOW = 1,
    parameter int METADATA_BITS = 3,
    parameter bit SHADOW = 0,
    parameter int LEVELS = $clog2(R)
) (
    input logic clock,
    input logic write,  // the words on the lines go into the cells: weight on line 0, metadata on line 1
    input logic bank,   // SHADOW
    input logic [R*8-1:0] weights,               // SHADOW: [row], what `write` writes
    input logic [R*METADATA_BITS-1:0] metadatas,  // SHADOW: [row]
    input logic [LEVELS:0] load,  // bit 0: product registers, bit k: level k of the tree

    input logic [R*2*WINDOW*8-1:0] lines,       // [row][line]
    input logic [METADATA_BITS-1:0] line_mask,  // the metadata bits that pick a line
    input logic                     scan,       // only cells whose index lies in the window on the lines multiply
    input logic [METADATA_BITS-1:0] scan_index, // the index that is on line 0

    output logic signed [15+LEVELS:0] sum
);
  localparam int LINE_BITS = $clog2(2 * WINDOW);

  // Level k holds R >> k values.
  for (genvar k = 0; k <= LEVELS; k++) begin : g_level
    for (genvar i = 0; i < (R >> k); i++) begin : g_term
      logic signed [15+k:0] value;
      if (k == 0) begin : g_cell
        logic signed [7:0] weight;
        logic [METADATA_BITS-1:0] metadata;
        if (SHADOW) begin : g_two
          logic [METADATA_BITS+7:0] words[2];
          always_ff @(posedge clock) begin
            if (write) words[!bank] <= {metadatas[i*METADATA_BITS+:METADATA_BITS], weights[i*8+:8]};
          end
          assign {metadata, weight} = words[bank];
        end else begin : g_one
          always_ff @(posedge clock) begin
            if (write) begin
              weight <= lines[i*2*WINDOW*8+:8];
              metadata <= lines[i*2*WINDOW*8+8+:METADATA_BITS];
            end
          end
        end

        logic [2*WINDOW*8-1:0] row_lines;
        logic [LINE_BITS-1:0] line;
        logic signed [7:0] operand;
        logic hit;
        assign row_lines = lines[i*2*WINDOW*8+:2*WINDOW*8];
        assign line = metadata[LINE_BITS-1:0] & line_mask[LINE_BITS-1:0];
        assign operand = row_lines[line*8+:8];
        assign hit = !scan || (metadata & ~line_mask) == scan_index;
        always_ff @(posedge clock) begin
          if (load[0]) value <= hit ? weight * operand : 16'sd0;
        end
      end else begin : g_add
        always_ff @(posedge clock) begin
          if (load[k]) value <= g_level[k-1].g_term[2*i].value + g_level[k-1].g_term[2*i+1].value;
        end
      end
    end
  end

  assign sum = g_level[LEVELS].g_term[0].value;

  if (!SHADOW) begin : g_no_shadow
    logic unused_shadow;
    assign unused_shadow = &{1'b0, bank, weights, metadatas};
  end
endmodule
