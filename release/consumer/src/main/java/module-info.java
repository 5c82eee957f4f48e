/** Searches photos with facesearch. */
module com.example.consumer {
  requires io.facesearch;
}
