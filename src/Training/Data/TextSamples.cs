using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Training.Tokenization;

namespace AgentKit.Training.Data;

/// <summary>Plain text as samples: windows in which every token but the first counts.</summary>
internal static class TextSamples
{
    /// <summary>Reads a file of text, or of JSON lines with a field <c>text</c>.</summary>
    /// <param name="field">The setting that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">Of the model to train.</param>
    /// <param name="length">Tokens of a window, 2 or more; each begins with the last token of the one before.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="UserInputException">The file cannot be used, or holds less than two tokens.</exception>
    public static TrainingSet Read(string field, string path, Tokenizer tokenizer, int length, CancellationToken stop)
    {
        List<int> tokens = tokenizer.AddsBos && tokenizer.Bos >= 0 ? [tokenizer.Bos] : [];
        TextCorpus corpus;
        try
        {
            corpus = new TextCorpus([path]);
            foreach (TextBlock block in corpus.Read())
            {
                stop.ThrowIfCancellationRequested();
                tokens.AddRange(tokenizer.Encode(block.Text, addSpecial: false, parseSpecial: false));
                if (block.EndsDocument && tokenizer.Eos >= 0) tokens.Add(tokenizer.Eos);
            }
        }
        catch (UserInputException e)
        {
            // The corpus calls every file data.
            string message = e.Message.StartsWith("data: ", StringComparison.Ordinal) ? $"{field}: {e.Message["data: ".Length..]}" : e.Message;
            throw new UserInputException(field, message, e);
        }

        IReadOnlyList<TrainingSample>[] items = [.. Windows([.. tokens], length).Select(window => (IReadOnlyList<TrainingSample>)[window])];
        return new(items, [], [], LengthStatistics.Of([.. items.Select(item => item[0].Tokens.Length)]), corpus.Hash());
    }

    /// <summary>Windows of tokens, the last one as long as what is left.</summary>
    internal static IEnumerable<TrainingSample> Windows(int[] tokens, int length)
    {
        int number = 0;
        for (int begin = 0; begin < tokens.Length - 1; begin += length - 1)
        {
            int[] window = tokens[begin..Math.Min(tokens.Length, begin + length)];
            var weights = new double[window.Length];
            Array.Fill(weights, 1, 1, window.Length - 1);
            yield return new(++number, window, weights);
        }
    }
}
