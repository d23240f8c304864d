using System.Buffers;
using System.Text;

namespace AgentKit.Memory.Knowledge.Terms;

/// <summary>Terms as the full-text table takes them: UTF-8, a space behind each.</summary>
internal readonly struct TermText(ArrayBufferWriter<byte> output) : ITermSink
{
    public static byte[] Of(ReadOnlySpan<char> text, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        var sink = new TermText(scratch);
        Analyzer.Analyze(text, ref sink);
        return scratch.WrittenSpan.ToArray();
    }

    public void Add(ReadOnlySpan<char> term)
    {
        Span<byte> space = output.GetSpan((term.Length * 3) + 1);
        int length = Encoding.UTF8.GetBytes(term, space);
        space[length] = (byte)' ';
        output.Advance(length + 1);
    }
}
