using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Models.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Runs;
using AgentKit.Training.Tokenization;

namespace AgentKit.Training.Pretraining;

/// <summary>
/// What pretraining begins with: vocabulary, tokens and first weights, each made once and made anew only where what it depends on has changed. Another learning rate
/// costs nothing, another shape no vocabulary.
/// </summary>
/// <param name="options">What is trained.</param>
/// <param name="corpus">The text.</param>
/// <param name="vocabularyKey">SHA-256 of what vocabulary and tokens depend on.</param>
/// <param name="threads">Threads.</param>
internal sealed class FirstModel(PretrainOptions options, TextCorpus corpus, byte[] vocabularyKey, int threads)
{
    private const string InitialFile = "initial.gguf", TokensFile = "tokens.bin";

    /// <summary>The model's file.</summary>
    public string ModelPath { get; } = Path.Combine(options.Out, InitialFile);

    /// <summary>Makes the model unless it is there.</summary>
    public void Make(Action<string, long, long>? progress, CancellationToken stop)
    {
        NewModelKeys keys = new(Convert.ToHexStringLower(vocabularyKey), WeightsKey());
        GgufFile? there = File.Exists(ModelPath) ? GgufFile.Open(ModelPath) : null;
        NewModelKeys found = NewModelKeys.Of(there);
        if (found == keys) return;
        string name = options.Name ?? Path.GetFileName(Path.GetFullPath(options.Out));
        GgufFile? tokenizer = found.Vocabulary == keys.Vocabulary ? there : options.Tokenizer is { } file ? GgufFile.Open(file) : null;
        if (tokenizer is not null)
        {
            NewModel.Write(ModelPath, name, options.Shape, tokenizer, options.Seed, keys);
            return;
        }

        BpeVocabulary vocabulary = BpeTrainer.Train(
            corpus, new() { Vocabulary = options.Vocabulary }, threads, at => progress?.Invoke(at.Merging ? "merging" : "counting words", at.Done, at.Total), stop);
        NewModel.Write(ModelPath, name, options.Shape, vocabulary, options.Seed, keys);
    }

    /// <summary>The text in the model's tokens.</summary>
    public TokenFile Tokens(Action<string, long, long>? progress, CancellationToken stop)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(ModelPath);
        return TokenFile.Open(
            Path.Combine(options.Out, TokensFile), vocabularyKey, corpus, vocabulary.Tokenizer, vocabulary.Tokenizer.Eos, threads,
            done => progress?.Invoke("cutting into tokens", done, corpus.Bytes), stop);
    }

    private string WeightsKey()
    {
        string shape = JsonSerializer.Serialize(options.Shape, RunsJsonContext.Default.ModelSizes);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(vocabularyKey)} {shape} {options.Seed}")));
    }
}
