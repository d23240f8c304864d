namespace AgentKit.Cli.Models;

/// <summary>What a smaller or sparser copy lost: the document of <c>--kld</c>, also stored beside the copy.</summary>
/// <param name="Base">The model it was made from.</param>
/// <param name="Model">The copy.</param>
/// <param name="KldMean">Mean KL divergence of the copy from the base, nats per token.</param>
/// <param name="KldStderr">Its standard error.</param>
/// <param name="KldPercentiles">Divergence at percentiles over tokens.</param>
/// <param name="Top1Agreement">Share of tokens where both find the same token most likely.</param>
/// <param name="PplRatio">Perplexity of the copy divided by that of the base.</param>
/// <param name="Ppl">Perplexity of the copy.</param>
/// <param name="PplBase">Perplexity of the base.</param>
/// <param name="TokensScored">Tokens compared.</param>
/// <param name="NCtx">Tokens of a chunk.</param>
/// <param name="DatasetSha256">SHA-256 of the text file.</param>
/// <param name="BytesBefore">Size of the base.</param>
/// <param name="BytesAfter">Size of the copy.</param>
/// <param name="SparsityBefore">Share of zeros in the base's attention and feed-forward matrices.</param>
/// <param name="SparsityAfter">Share of zeros in the copy's.</param>
/// <param name="Signature">What another report must share to be comparable.</param>
/// <param name="OnCalibrationText">Whether the text is the one the copy was calibrated with, which flatters it.</param>
/// <param name="Report">The file this document is stored in.</param>
internal sealed record CompressionReportJson(
    string Base,
    string Model,
    double KldMean,
    double KldStderr,
    IReadOnlyDictionary<string, double> KldPercentiles,
    double Top1Agreement,
    double PplRatio,
    double Ppl,
    double PplBase,
    int TokensScored,
    int NCtx,
    string DatasetSha256,
    long BytesBefore,
    long BytesAfter,
    double SparsityBefore,
    double SparsityAfter,
    string Signature,
    bool OnCalibrationText,
    string Report);
