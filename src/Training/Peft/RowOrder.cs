namespace AgentKit.Training.Peft;

/// <summary>
/// The rows of a head: llama models of Hugging Face rotate element i with element i + half, GGUF files of them neighbours, so conversion interleaves the halves of each head.
/// </summary>
internal static class RowOrder
{
    /// <summary>From halves to neighbours.</summary>
    public static float[] FromHuggingFace(float[] rows, int heads, int width) =>
        Moved(rows, heads, width, (half, pair, length) => (half * length / 2) + pair, (half, pair, _) => (2 * pair) + half);

    /// <summary>From neighbours to halves.</summary>
    public static float[] ToHuggingFace(float[] rows, int heads, int width) =>
        Moved(rows, heads, width, (half, pair, _) => (2 * pair) + half, (half, pair, length) => (half * length / 2) + pair);

    private static float[] Moved(float[] rows, int heads, int width, Func<int, int, int, int> from, Func<int, int, int, int> to)
    {
        var moved = new float[rows.Length];
        int length = rows.Length / width / heads;
        for (int head = 0; head < heads; head++)
        {
            for (int half = 0; half < 2; half++)
            {
                for (int pair = 0; pair < length / 2; pair++)
                {
                    int source = (head * length) + from(half, pair, length), target = (head * length) + to(half, pair, length);
                    rows.AsSpan(source * width, width).CopyTo(moved.AsSpan(target * width));
                }
            }
        }

        return moved;
    }
}
